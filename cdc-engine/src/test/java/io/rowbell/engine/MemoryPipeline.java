package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.config.JournalConfig;
import io.rowbell.engine.config.SourceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** An engine over a source and a journal in memory, and the one file of its rules. */
record MemoryPipeline(Path directory, ScriptedSource source, ModelJournal journal) {
  /** Puts rules into the file, each an item of {@code triggers}. */
  Path write(String... rules) throws IOException {
    return Files.writeString(
        directory.resolve("rules.yaml"),
        "rules: v1\nvars: {step: 2}\ntriggers:\n" + String.join("", rules));
  }

  void delete() throws IOException {
    Files.delete(directory.resolve("rules.yaml"));
  }

  EngineConfig config(String... rules) throws IOException {
    return new EngineConfig(
        "test",
        directory,
        new SourceConfig<>(source, new ScriptedSource.Settings()),
        List.of(write(rules)),
        new JournalConfig<>(journal, new ModelJournal.Settings()),
        List.of(),
        null,
        null,
        Map.of(),
        null,
        MemoryPipeline.class.getClassLoader());
  }

  Engine start(String... rules) throws IOException {
    return Engine.from(config(rules)).start();
  }

  void awaitEvents(String... types) {
    await().untilAsserted(() -> assertThat(journal.types()).containsExactly(types));
  }

  /** Reloads while one more change comes, as in a database markers do. */
  Reload reload(Engine engine) throws Exception {
    CompletableFuture<Reload> asked = asked(engine);
    source.inserted(0, "a beat");
    return asked.get();
  }

  /** Asks for a reload, and waits until it waits or is answered. */
  static CompletableFuture<Reload> asked(Engine engine) {
    CompletableFuture<Reload> asked = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                asked.complete(engine.reload());
              } catch (Exception e) {
                asked.completeExceptionally(e);
              }
            })
        .start();
    await().until(() -> asked.isDone() || engine.reloads().isWaiting());
    return asked;
  }
}
