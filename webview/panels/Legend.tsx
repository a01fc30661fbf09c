/** What the signs on nodes mean, for those that are on the canvas now. */
import { useMemo } from "react";
import { stateIcon } from "../canvas/icons.ts";
import { usePage } from "../state.ts";
import { words } from "../words.ts";

/** See the header. */
export function Legend() {
  const decisions = usePage((page) => page.decisions);
  const shown = useMemo(() => [...new Set([...decisions.values()].map((one) => one.decision))].sort(), [decisions]);
  if (shown.length === 0) return null;
  return (
    <details className="legend">
      <summary>{words.legend}</summary>
      <ul>
        {shown.map((name) => (
          <li key={name}>
            <i className={`${stateIcon(name)} decision-${name}`} aria-hidden /> {words.decision(name)}
          </li>
        ))}
      </ul>
    </details>
  );
}
