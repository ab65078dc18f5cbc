# SPDX-License-Identifier: Apache-2.0
"""The broker's protocol as tables: frames of fields, requests of clients, answers of the server, by version."""
