package io.rowbell.kafka;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a pipeline's things are called in Kafka.
 *
 * @param pipeline the pipeline's name
 */
record Names(String pipeline) {
  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  /** Compacted: the position, what rules remember, which topics have events. */
  String state() {
    return pipeline + ".state";
  }

  /** What could not be evaluated, written or delivered. */
  String deadLetters() {
    return pipeline + ".dead-letters";
  }

  /** Compacted: which cursors were made, and which keys they have parked. */
  String subscribers() {
    return pipeline + ".subscribers";
  }

  /** The topics that are not for events. */
  Set<String> own() {
    return Set.of(state(), deadLetters(), subscribers());
  }

  /** The group whose offsets are a subscriber's cursor. */
  String group(String subscriber) {
    return pipeline + "." + subscriber;
  }

  /** The transactional id of one of the journal's producers. */
  String writer(int index) {
    return "rowbell." + pipeline + ".journal." + index;
  }

  /** The transactional id by which dead letters of rules are dropped. */
  String clerk() {
    return "rowbell." + pipeline + ".clerk";
  }

  /** The transactional id of a subscriber's producer. */
  String committer(String subscriber) {
    return "rowbell." + pipeline + ".subscriber." + subscriber;
  }

  /** Whether Kafka takes it for a topic's name. */
  static boolean isTopic(String name) {
    return TOPIC.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }
}
