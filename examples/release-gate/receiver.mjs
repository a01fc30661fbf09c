// A release server to play with: answers POST /releases on 127.0.0.1 and says what it got. Ctrl-C ends it.
//
//   node receiver.mjs 8787        0 lets the system choose a port, which is printed
import { createServer } from "node:http";

const seen = new Set();

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const answer = (status, body) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (request.method !== "POST" || request.url !== "/releases") return answer(404, { error: "no such place" });
    let release;
    try {
      release = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    } catch {
      return answer(400, { error: "the body is not JSON" });
    }
    // The same key again is the same release: it is answered, and not published twice.
    const key = request.headers["idempotency-key"] ?? "";
    const again = key !== "" && seen.has(key);
    seen.add(key);
    console.log(`${again ? "again" : "published"} ${release.name} ${release.version} (key ${key || "none"})`);
    return answer(again ? 200 : 201, { published: release.version });
  });
});

server.listen(Number(process.argv[2] ?? 8787), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
