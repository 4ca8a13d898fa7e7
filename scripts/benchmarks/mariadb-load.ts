/** The process that inserts: the rows of a Signalbox store that stand for a message each, into tables with the same columns and primary keys. */

import { Database } from "bun:sqlite";
import mysql from "mysql2/promise";

const CONNECTIONS = 64;
const MOST_MESSAGES = 200_000;

const { socket, path, batch, seconds } = JSON.parse(process.argv[2]!) as { socket: string; path: string; batch: number; seconds: number };

type Row = (string | number | Uint8Array | null)[];
interface Table {
  name: string;
  columns: { name: string; type: string; pk: number }[];
  rows: Row[];
}

const source = new Database(path, { readonly: true });
const tables = ["messages", "journal"].map((name): Table => {
  return {
    name,
    columns: source.query(`SELECT name, type, pk FROM pragma_table_info('${name}')`).all() as Table["columns"],
    rows: source.query(`SELECT * FROM ${name} LIMIT ${MOST_MESSAGES}`).values() as Row[],
  };
});
source.close();

const root = await mysql.createConnection({ socketPath: socket, user: "root", multipleStatements: true });
await root.query("DROP DATABASE IF EXISTS bench; CREATE DATABASE bench CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; USE bench");
for (const table of tables) await root.query(createTable(table));
await root.end();

const pool = mysql.createPool({ socketPath: socket, user: "root", database: "bench", connectionLimit: CONNECTIONS });
const messages = Math.min(...tables.map(({ rows }) => rows.length));
let next = 0;
let done = 0;
const startedAt = performance.now();
await Promise.all(Array.from({ length: CONNECTIONS }, insert));
const took = (performance.now() - startedAt) / 1000;
await pool.end();
console.log(JSON.stringify({ messagesPerSecond: done / took }));

async function insert(): Promise<void> {
  const connection = await pool.getConnection();
  while (performance.now() - startedAt < seconds * 1000 && next + batch <= messages) {
    const from = next;
    next += batch;
    await connection.beginTransaction();
    for (const { name, rows } of tables) await connection.query(`INSERT INTO ${name} VALUES ?`, [rows.slice(from, from + batch)]);
    await connection.commit();
    done += batch;
  }
  connection.release();
}

function createTable({ name, columns }: Table): string {
  const type = (declared: string) => (declared === "INTEGER" ? "BIGINT" : declared === "TEXT" ? "VARCHAR(190)" : "VARBINARY(400)");
  const keys = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const fields = columns.map((column) => `\`${column.name}\` ${type(column.type)}${column.pk > 0 ? " NOT NULL" : ""}`);
  return `CREATE TABLE ${name} (${[...fields, `PRIMARY KEY (${keys.map((key) => `\`${key.name}\``).join(", ")})`].join(", ")}) ENGINE=InnoDB`;
}
