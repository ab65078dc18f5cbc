# SPDX-License-Identifier: Apache-2.0
"""The tables of the journal. A change is a new VERSION; a journal of another one is refused."""

from __future__ import annotations

VERSION = 2

SCHEMA = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- What was decided, once a bar. cancels: JSON list of refs; memory: the strategy's, after the decision.
CREATE TABLE decisions (
  number INTEGER PRIMARY KEY, decided INTEGER NOT NULL UNIQUE, session TEXT NOT NULL, body TEXT NOT NULL,
  memory TEXT NOT NULL, at INTEGER NOT NULL) STRICT;

-- Orders wanted. order_id is committed before the order may leave: without one it was certainly never sent.
CREATE TABLE intents (
  ref TEXT PRIMARY KEY, decision INTEGER NOT NULL REFERENCES decisions, place INTEGER NOT NULL, symbol TEXT NOT NULL,
  quantity REAL NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL DEFAULT '',
  client INTEGER, order_id INTEGER, tried INTEGER, sent INTEGER, cancel_wanted INTEGER, cancel_sent INTEGER,
  UNIQUE (client, order_id)) STRICT;
CREATE INDEX intents_open ON intents (state) WHERE state NOT IN ('filled', 'dead');
CREATE INDEX intents_tried ON intents (tried);

-- The gates' verdicts with their numbers, each time an order was judged.
CREATE TABLE verdicts (
  number INTEGER PRIMARY KEY, ref TEXT NOT NULL, gate TEXT NOT NULL, outcome TEXT NOT NULL, text TEXT NOT NULL,
  numbers TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX verdicts_ref ON verdicts (ref);

-- Orders at the broker, ours and others': key is its own number, or client and id until it has one. ref is
-- whose it is, '' where it is external; named the reference that the broker told.
CREATE TABLE orders (
  key TEXT PRIMARY KEY, perm INTEGER NOT NULL, client INTEGER NOT NULL, order_id INTEGER NOT NULL, ref TEXT NOT NULL,
  named TEXT NOT NULL, symbol TEXT NOT NULL, quantity REAL, status TEXT NOT NULL, told REAL NOT NULL,
  ended INTEGER NOT NULL, held TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE INDEX orders_ref ON orders (ref);
CREATE INDEX orders_named ON orders (named);
CREATE INDEX orders_id ON orders (client, order_id);

-- Every revision of every execution; the highest of a base counts. Readers go on where they were by seq.
CREATE TABLE executions (
  seq INTEGER PRIMARY KEY, base TEXT NOT NULL, revision INTEGER NOT NULL, perm INTEGER NOT NULL,
  client INTEGER NOT NULL, order_id INTEGER NOT NULL, ref TEXT NOT NULL, named TEXT NOT NULL, account TEXT NOT NULL,
  symbol TEXT NOT NULL, quantity REAL NOT NULL, price REAL NOT NULL, time INTEGER NOT NULL, at INTEGER NOT NULL,
  UNIQUE (base, revision)) STRICT;
CREATE INDEX executions_ref ON executions (ref);
CREATE INDEX executions_named ON executions (named);
CREATE INDEX executions_perm ON executions (perm);
CREATE TABLE commissions (
  base TEXT NOT NULL, revision INTEGER NOT NULL, amount REAL NOT NULL, currency TEXT NOT NULL, realized REAL,
  PRIMARY KEY (base, revision)) STRICT;
CREATE VIEW fills AS
  SELECT e.*, (SELECT c.amount FROM commissions c WHERE c.base = e.base ORDER BY c.revision DESC LIMIT 1) AS commission
  FROM executions e
  WHERE e.revision = (SELECT max(r.revision) FROM executions r WHERE r.base = e.base);

-- What is held beside the fills: the opening snapshot, and what a person accepted later.
CREATE TABLE openings (
  number INTEGER PRIMARY KEY, symbol TEXT NOT NULL, quantity REAL NOT NULL, why TEXT NOT NULL,
  at INTEGER NOT NULL) STRICT;

-- What the broker said that it holds, at the last reconcile.
CREATE TABLE held (symbol TEXT PRIMARY KEY, quantity REAL NOT NULL, average REAL NOT NULL, at INTEGER NOT NULL) STRICT;

-- Why nothing may be sent, for a symbol or, with '', for all. told: the alarm has gone out.
CREATE TABLE halts (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, symbol TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
  ended INTEGER, ended_why TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX halts_standing ON halts (kind, symbol) WHERE ended IS NULL;

-- Words of the broker that are of no table: errors, warnings, the link. Of code 0: what was said loudly of the data.
CREATE TABLE told (
  number INTEGER PRIMARY KEY, code INTEGER NOT NULL, text TEXT NOT NULL, ref TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
"""
