import { describe, expect, it } from "vitest";
import { findWorkspaceConfig, searchFolders, userConfigPath, type ConfigProbe } from "../../src/config/search.ts";

/** A tree with these files, and repositories at these folders. */
function tree(files: Readonly<Record<string, string>>, repositories: readonly string[] = []): ConfigProbe {
  return {
    read: (path) => Promise.resolve(files[path] ?? null),
    isRepositoryRoot: (folder) => Promise.resolve(repositories.includes(folder)),
  };
}

describe("the search for countersign.toml", () => {
  it("takes the nearest one up to the repository's root", async () => {
    const probe = tree({ "/r/countersign.toml": "root", "/r/a/countersign.toml": "near" }, ["/r"]);
    expect(await findWorkspaceConfig("/r/a/b", null, probe)).toEqual({ path: "/r/a/countersign.toml", text: "near" });
    expect(await findWorkspaceConfig("/r/c", null, probe)).toEqual({ path: "/r/countersign.toml", text: "root" });
  });

  it("does not look above the repository's root or the workspace folder, whichever is nearer", async () => {
    const probe = tree({ "/countersign.toml": "outside" }, ["/r"]);
    expect(await findWorkspaceConfig("/r/a", null, probe)).toBeNull();
    expect(await searchFolders("/r/a/b", "/r/a/", probe)).toEqual(["/r/a/b", "/r/a"]);
    expect(await searchFolders("/r/a/b", "/", probe)).toEqual(["/r/a/b", "/r/a", "/r"]);
  });

  it("looks only beside the document where there is neither", async () => {
    const probe = tree({ "/tmp/countersign.toml": "stray" });
    expect(await findWorkspaceConfig("/tmp/x", null, probe)).toBeNull();
    expect(await findWorkspaceConfig("/tmp", null, probe)).toEqual({ path: "/tmp/countersign.toml", text: "stray" });
    expect(await searchFolders("/tmp/x", "/elsewhere", probe)).toEqual(["/tmp/x"]);
  });

  it("reaches the root of the file system and of a drive", async () => {
    expect(await searchFolders("/a/b", "/", tree({}))).toEqual(["/a/b", "/a", "/"]);
    expect(await searchFolders("C:\\w\\a", "C:\\", tree({}))).toEqual(["C:\\w\\a", "C:\\w", "C:\\"]);
  });
});

describe("the user's own configuration", () => {
  it.each([
    [{ XDG_CONFIG_HOME: "/x", HOME: "/h" }, "/x/countersign/config.toml"],
    [{ XDG_CONFIG_HOME: "relative", HOME: "/h" }, "/h/.config/countersign/config.toml"],
    [{ XDG_CONFIG_HOME: "", HOME: "/h/" }, "/h/.config/countersign/config.toml"],
    [{ USERPROFILE: "C:\\Users\\a" }, "C:\\Users\\a\\.config\\countersign\\config.toml"],
    [{ HOME: "nowhere" }, null],
    [{}, null],
  ])("with %j stands at %s", (env, path) => {
    expect(userConfigPath(env)).toBe(path);
  });
});
