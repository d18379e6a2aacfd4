package io.rowbell.engine.config;

/** Where a value came from. */
public enum Origin {
  /** The configuration file. */
  FILE,
  /** A variable of the environment that overrides the file. */
  OVERRIDE,
  /** The record that declares the setting. */
  DEFAULT,
  /** It was not set, and has no default. */
  UNSET
}
