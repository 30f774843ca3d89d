// npx --yes eslint@9.39.1 -c tests/js/eslint.config.mjs vitcourse/view vitcourse/grading
//   docs/book/_static tests/js
// Rules are named one by one: so nothing else has to be installed.

const browser = [
  "addEventListener", "localStorage", "MutationObserver", "vitcourseWidgets", // of the book
  "atob", "Blob", "cancelAnimationFrame", "clearTimeout", "console", "DecompressionStream",
  "document", "navigator", "performance", "requestAnimationFrame", "Response", "setTimeout",
];
const node = ["Buffer", "URL"];
const globals = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

const rules = {
  "array-callback-return": "error",
  "consistent-return": "error",
  "default-case-last": "error",
  "eqeqeq": ["error", "always", { null: "ignore" }],
  "getter-return": "error",
  "no-cond-assign": "error",
  "no-const-assign": "error",
  "no-dupe-args": "error",
  "no-dupe-else-if": "error",
  "no-dupe-keys": "error",
  "no-duplicate-case": "error",
  "no-empty": "error",
  "no-eval": "error",
  "no-fallthrough": "error",
  "no-func-assign": "error",
  "no-global-assign": "error",
  "no-implied-eval": "error",
  "no-loop-func": "error",
  "no-redeclare": "error",
  "no-self-assign": "error",
  "no-shadow": "error",
  "no-sparse-arrays": "error",
  "no-undef": "error",
  "no-unreachable": "error",
  "no-unsafe-finally": "error",
  "no-unused-vars": "error",
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-var": "error",
  "prefer-const": "error",
  "radix": "error",
  "require-atomic-updates": "error",
  "use-isnan": "error",
  "valid-typeof": "error",
  // Text of users is never HTML: these would make it so.
  "no-restricted-properties": [
    "error",
    ...["innerHTML", "outerHTML", "insertAdjacentHTML", "write", "srcdoc"].map((property) => ({
      property,
    })),
  ],
};

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.js"],
    languageOptions: { sourceType: "module", ecmaVersion: 2023, globals: globals(browser) },
    rules,
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { sourceType: "module", ecmaVersion: 2023, globals: globals(node) },
    rules,
  },
];
