import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Forbids runtime imports (types are free) from the folders named, with the reason. */
const layer = (files, folders, message) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [{ group: folders.flatMap((name) => [`**/${name}/*`, `**/${name}`]), message, allowTypeImports: true, caseSensitive: true }] },
    ],
  },
});

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/schema.d.ts', '../backend'] },
  ...tseslint.configs.strict,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      // Rows and cells of our own grid take keys on purpose (arrows, Enter, space).
      'jsx-a11y/no-noninteractive-element-to-interactive-role': 'off',
      // A dialog that opens with its first field focused is what a person expects.
      'jsx-a11y/no-autofocus': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  layer(['src/util/**'], ['api', 'components', 'shell', 'pages', 'dialogs', 'console'], 'util/ is pure: no server, no React component.'),
  layer(['src/components/**'], ['api', 'shell', 'pages', 'dialogs', 'console'], 'components/ know no server and no page: take values and callbacks.'),
  layer(['src/api/**'], ['components', 'shell', 'pages', 'dialogs', 'console'], 'api/ knows no React component.'),
);
