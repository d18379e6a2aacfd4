package io.rowbell.sqlite;

import io.rowbell.model.DomainEvent;

/** What many events share, kept once. */
record EventKind(String type, String topic, String source, int version) {
  static EventKind of(DomainEvent event) {
    return new EventKind(event.type(), event.topic(), event.source(), event.version());
  }

  boolean matches(DomainEvent event) {
    return type.equals(event.type())
        && topic.equals(event.topic())
        && source.equals(event.source())
        && version == event.version();
  }
}
