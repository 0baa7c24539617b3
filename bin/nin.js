#!/usr/bin/env node
// The command in a checkout; installed as a package it is packages/nin-cli/bin/nin.js itself.
import "../packages/nin-cli/bin/nin.js";
