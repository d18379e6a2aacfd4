package io.rowbell.engine.faults;

/**
 * What the configuration of a case says beside the usual.
 *
 * @param login {@code user} and {@code password} of {@code source.postgres}; empty for the server's
 *     own
 * @param source more of {@code source.postgres}, as in a YAML flow mapping
 * @param kafka more of {@code journal.kafka}, each with a comma before it; of no use to the other
 *     journal
 * @param sqlite the same of {@code journal.sqlite}
 * @param triggers more rules, as items of {@code triggers}; {@code PIPELINE} is the pipeline's name
 * @param sections more of the file, as lines of it
 */
record CaseSettings(
    String login, String source, String kafka, String sqlite, String triggers, String sections) {
  static final CaseSettings USUAL = new CaseSettings("", "max-batch-changes: 500", "", "", "", "");

  /** A cluster that does not answer is given up soon, and gives transactions up soon. */
  static final CaseSettings IMPATIENT = USUAL.kafka("timeout: 4s, transaction-timeout: 5s");

  CaseSettings login(String user, String password) {
    return new CaseSettings(
        "user: %s, password: \"%s\"".formatted(user, password),
        source,
        kafka,
        sqlite,
        triggers,
        sections);
  }

  CaseSettings source(String more) {
    return new CaseSettings(login, more, kafka, sqlite, triggers, sections);
  }

  CaseSettings kafka(String more) {
    return new CaseSettings(login, source, ", " + more, sqlite, triggers, sections);
  }

  CaseSettings sqlite(String more) {
    return new CaseSettings(login, source, kafka, ", " + more, triggers, sections);
  }

  CaseSettings triggers(String more) {
    return new CaseSettings(login, source, kafka, sqlite, more, sections);
  }

  CaseSettings sections(String more) {
    return new CaseSettings(login, source, kafka, sqlite, triggers, more);
  }

  /** The rules as they stand in the pipeline's file. */
  String rules(String pipeline) {
    return triggers.replace("PIPELINE", pipeline).indent(2);
  }
}
