// Lint rule: do not write a member (`this.#x`, `session.x`) after an `await` when the new value depends on a read before the
// `await`. Other code runs during the `await` and may change the same member, so one of the two updates would be lost. The rule
// finds two forms within a function: an assignment that reads the member and awaits (`this.#x ??= await load()`, `this.count +=
// await next()`), and a check that is followed by an `await` and then by the assignment (`if (!this.#x) this.#x = await load()`).
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const TESTED = {
  IfStatement: 'test',
  ConditionalExpression: 'test',
  WhileStatement: 'test',
  LogicalExpression: 'left',
};

const MESSAGE =
  'is read before an await and written after it: an update that comes between is lost. Keep the promise in place of its ' +
  'value (src/once.ts), read the member again after the await, or do one after the other.';

/** All nodes below a node, without those of nested functions. */
function* nodesOf(node) {
  yield node;
  for (const [key, child] of Object.entries(node)) {
    if (key === 'parent') continue;
    for (const each of Array.isArray(child) ? child : [child]) {
      if (each && typeof each.type === 'string' && !FUNCTIONS.has(each.type)) yield* nodesOf(each);
    }
  }
}

const isAwait = (node) => node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await);
/** Assigning a boolean constant, as in `this.#refreshed = true`, is allowed, since it depends on no earlier value. */
const isLatch = ({ operator, right }) => operator === '=' && typeof right.value === 'boolean';
const startOf = (node) => node.range?.[0] ?? node.start;
const endOf = (node) => node.range?.[1] ?? node.end;

export default {
  meta: { name: 'twindex' },
  rules: {
    'atomic-updates': {
      create(context) {
        const { sourceCode } = context;
        const textOf = (node) => sourceCode.getText(node).replaceAll('?.', '.');
        const reads = (node, member) =>
          [...nodesOf(node)].some((each) => each.type === 'MemberExpression' && textOf(each) === member);

        function check(fn) {
          if (!fn.async || !fn.body) return;
          const nodes = [...nodesOf(fn.body)];
          const awaits = nodes.filter(isAwait).map(endOf);
          for (const node of nodes) {
            if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') continue;
            if (isLatch(node)) continue;
            const member = textOf(node.left);
            const inside = [...nodesOf(node.right)];
            const waits = inside.some(isAwait);
            const isStale =
              (waits && (node.operator !== '=' || inside.some((each) => readsEarly(each, member)))) ||
              nodes.some(
                (test) =>
                  TESTED[test.type] !== undefined &&
                  startOf(test) < startOf(node) &&
                  reads(test[TESTED[test.type]], member) &&
                  awaits.some((end) => end > endOf(test[TESTED[test.type]]) && end <= endOf(node)),
              );
            if (isStale) context.report({ node, message: `${member} ${MESSAGE}` });
          }
        }
        const readsEarly = (node, member) => node.type === 'MemberExpression' && textOf(node) === member;
        return { FunctionDeclaration: check, FunctionExpression: check, ArrowFunctionExpression: check };
      },
    },
  },
};
