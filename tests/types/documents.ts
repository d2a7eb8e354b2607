// Compiled, never run: with a type of its documents, an index file has typed `up`, `down` and `reingest`.
import { defineIndex, type Source } from 'twindex';

interface BookV1 {
  title: string;
  price: string;
}

interface BookV2 {
  title: string;
  price: number;
}

interface Book {
  title: string;
  price: number;
  tags: string[];
}

export const withoutType = defineIndex({
  name: 'books',
  version: 2,
  migrations: {
    2: {
      up: (doc) => {
        const source: Source = doc;
        // @ts-expect-error a value of an untyped document is unknown
        const text: string = doc['title'];
        return { ...source, text };
      },
      down: (doc, { id, routing, version }) => ({ ...doc, id, routing, version }),
    },
  },
  async *reingest({ after, signal }) {
    if (signal.aborted) return;
    yield { id: 1, source: { title: String(after) }, cursor: 1 };
  },
});

/** With one type, earlier documents have the same fields with any values. */
export const oneType = defineIndex<BookV2>({
  name: 'books',
  version: 2,
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc.price) }),
      down: (doc) => ({ ...doc, price: doc.price.toFixed(2) }),
    },
  },
  *reingest() {
    yield { id: 1, source: { title: 'The Leopard', price: 12.5 } };
  },
});

export const twoTypes = defineIndex<BookV2, BookV1>({
  name: 'books',
  version: 2,
  migrations: {
    2: {
      up: (doc) => (doc.price === '' ? null : { title: doc.title, price: Number.parseFloat(doc.price) }),
      down: async (doc) => ({ title: doc.title, price: String(doc.price) }),
    },
  },
});

export const allVersions = defineIndex<Book, [BookV1, BookV2]>({
  name: 'books',
  version: 3,
  migrations: {
    2: { up: (doc) => ({ ...doc, price: Number(doc.price) }), down: { pipeline: 'prices-to-text' } },
    3: {
      up: (doc) => ({ ...doc, tags: [] }),
      down: ({ tags, ...doc }) => (tags.includes('hidden') ? null : doc),
    },
  },
});

export const wrongResult = defineIndex<BookV2>({
  name: 'books',
  version: 2,
  // @ts-expect-error the price of a book is a number
  migrations: { 2: { up: (doc) => ({ ...doc, price: String(doc.price) }) } },
});

export const wrongField = defineIndex<BookV2, BookV1>({
  name: 'books',
  version: 2,
  migrations: {
    2: {
      // @ts-expect-error the first version has no amount
      up: (doc) => ({ title: doc.title, price: Number(doc.amount) }),
    },
  },
});

export const wrongWayBack = defineIndex<BookV2, BookV1>({
  name: 'books',
  version: 2,
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc.price) }),
      // @ts-expect-error the price of the first version is a text
      down: (doc) => doc,
    },
  },
});

export const wrongStep = defineIndex<Book, [BookV1, BookV2]>({
  name: 'books',
  version: 3,
  // @ts-expect-error the second version leads to the third, which has tags
  migrations: { 3: { up: (doc) => doc } },
});

export const noSuchStep = defineIndex<Book, [BookV1, BookV2]>({
  name: 'books',
  version: 3,
  // @ts-expect-error three types, so the last step leads to version 3
  migrations: { 4: { up: (doc: Book) => doc } },
});

export const wrongDocument = defineIndex<BookV2>({
  name: 'books',
  version: 1,
  // @ts-expect-error a book has a price
  *reingest() {
    yield { id: 1, source: { title: 'The Leopard' } };
  },
});
