import tseslint from 'typescript-eslint';

const noProcessEnv = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'The environment is read in libs/config alone.',
};

const WORDS = '/\\p{L}/u';
const noWordsInPage = [
  `JSXText[value=${WORDS}]`,
  `JSXExpressionContainer > Literal[value=${WORDS}]`,
  `JSXAttribute[name.name=/^(title|alt|placeholder|label|aria-label|aria-description|aria-roledescription)$/] > Literal[value=${WORDS}]`,
].map((selector) => ({ selector, message: 'Words that people read are in apps/calendar/src/strings.ts.' }));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.stack/', 'coverage/', '**/*.mjs'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './apps/calendar/tsconfig.json'] } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 5],
      'no-restricted-syntax': ['error', noProcessEnv],
      eqeqeq: ['error', 'smart'],
    },
  },
  {
    files: ['apps/calendar/**/*.tsx'],
    rules: { 'no-restricted-syntax': ['error', noProcessEnv, ...noWordsInPage] },
  },
  {
    // What another team writes has its own way to its environment.
    files: ['libs/config/**/*.ts', 'examples/connection.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts', 'libs/*/testing/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': 'off' },
  },
);
