package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.kafka.EventTopics.EventTopic;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Position;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import io.rowbell.spi.Subscription.ParkedKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** What the compacted topics hold, written and read back. */
class StateTest {
  private static final Uuid ID = Uuid.randomUuid();

  private static Map<String, byte[]> image(List<ProducerRecord<byte[], byte[]>> records) {
    Map<String, byte[]> image = new HashMap<>();
    for (ProducerRecord<byte[], byte[]> record : records) {
      assertThat(record.partition()).isZero();
      image.put(new String(record.key(), UTF_8), record.value());
    }
    return image;
  }

  @Test
  void theJournalsStateComesBack() throws Exception {
    DatabaseId database = new DatabaseId("7512345678901234567", "my db\nof é€😀");
    Checkpoint checkpoint = new Checkpoint(Position.parse("FFFFFFFF/FFFFFFFF"), 771, 5_000);
    EventTopic topic = new EventTopic(ID, Map.of(0, 5L, 11, Long.MAX_VALUE));
    JournalState read =
        JournalState.of(
            "s",
            image(
                List.of(
                    JournalState.checkpointRecord("s", database, checkpoint),
                    JournalState.writerRecord("s", "me"),
                    JournalState.topicRecord("s", "a.b", topic),
                    JournalState.topicRecord("s", "new", new EventTopic(ID, Map.of())),
                    JournalState.stateRecord("s", new StateChange("topic/x", new byte[] {1})))));
    assertThat(read.resume().database()).isEqualTo(database);
    assertThat(read.resume().checkpoint()).isEqualTo(checkpoint);
    assertThat(read.resume().state().get("topic/x")).containsExactly(1);
    assertThat(read.topics()).isEqualTo(Map.of("a.b", topic, "new", new EventTopic(ID, Map.of())));
    assertThat(read.writer()).isEqualTo("me");
  }

  @Test
  void aNewJournalIsEmpty() throws Exception {
    JournalState read = JournalState.of("s", Map.of());
    assertThat(read.resume()).isEqualTo(Resume.NEW);
    assertThat(read.writer()).isNull();
  }

  @Test
  void aJournalFromTheFutureIsNotGuessedAt() {
    for (Map<String, byte[]> future :
        List.of(
            Map.of("writer", "2 me".getBytes(UTF_8)),
            Map.of("something new", new byte[0]),
            Map.of("checkpoint", "x".getBytes(UTF_8)),
            Map.of("topic/t", "no id".getBytes(UTF_8)))) {
      JournalException failure =
          catchThrowableOfType(JournalException.class, () -> JournalState.of("s", future));
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
      assertThat(failure).hasMessageContaining("the topic s");
    }
  }

  @Test
  void aSubscribersStateComesBackAndNobodyElses() throws Exception {
    String name = "slow é€😀/with a slash";
    Set<ParkedKey> keys =
        Set.of(
            new ParkedKey("t", "a/b %"),
            new ParkedKey("t", ""),
            new ParkedKey("t", null),
            new ParkedKey("no topic/at all", "é"));
    SubscriberState state = SubscriberState.of("s", name, Map.of());
    assertThat(state.made()).isFalse();
    state.takeUp("t", ID, 3);
    Map<String, byte[]> image = image(List.of(state.cursorRecord("s")));
    for (ParkedKey key : keys) {
      image.putAll(image(List.of(state.parkedRecord("s", key))));
    }
    SubscriberState read = SubscriberState.of("s", name, image);
    assertThat(read.made()).isTrue();
    assertThat(read.parked()).isEqualTo(keys);
    assertThat(read.hasTakenUp("t", ID, 2)).isTrue();
    assertThat(read.hasTakenUp("t", ID, 3)).isFalse();
    assertThat(read.hasTakenUp("t", Uuid.randomUuid(), 0)).isFalse();
    SubscriberState other = SubscriberState.of("s", "slow é€😀", image);
    assertThat(other.made()).isFalse();
    assertThat(other.parked()).isEmpty();
  }

  @Test
  void aCursorWithoutTopicsIsACursor() throws Exception {
    SubscriberState state = SubscriberState.of("s", "new", Map.of());
    state.make();
    assertThat(SubscriberState.of("s", "new", image(List.of(state.cursorRecord("s")))).made())
        .isTrue();
  }
}
