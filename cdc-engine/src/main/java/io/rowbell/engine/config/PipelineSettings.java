package io.rowbell.engine.config;

import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The whole file, as it is written. */
record PipelineSettings(
    @Setting(
            value =
                "The pipeline's name: the default name of slot, publication, topics and groups.",
            byDefault = "rowbell")
        String name,
    @Setting("Where changes come from.") SourceConfig<?> source,
    @Setting("The rule files, as patterns relative to this file, such as rules/*.yaml.")
        List<String> rules,
    @Setting(value = "Where events become durable.", byDefault = "{sqlite: {}}")
        JournalConfig<?> journal,
    @Setting(value = "Who is served from the journal.", byDefault = "[]")
        List<SubscriberConfig> subscribers,
    @Setting(
            "Several instances of this pipeline: one works, the others wait and take over; if left out, a second instance ends. Needs a journal that they share, kafka.")
        @Nullable StandbyConfig standby,
    @Setting("Where status is served; nowhere if left out.") @Nullable HttpConfig http,
    @Setting("What becomes of a pipeline that hangs.") WatchdogConfig watchdog,
    @Setting(
            value = "Settings for Debezium, verbatim; those that Rowbell sets itself are refused.",
            byDefault = "{}")
        Map<String, String> debezium,
    @Setting(
            value = "The directory whose jars hold handlers and adapters of your own.",
            byDefault = "plugins")
        Path plugins,
    @Setting("The key of the rules' hash() function.") @Nullable Secret hashKey) {
  PipelineSettings {
    // PostgreSQL allows no other characters in the name of a slot.
    if (!name.matches("[a-z][a-z0-9_]{0,62}")) {
      throw new InvalidSettingException(
          "name", "it is made of lower-case letters, digits and underscores, at most 63");
    }
    if (standby != null && !journal.factory().canBeTakenOver()) {
      throw new InvalidSettingException(
          "standby",
          "the journal '"
              + journal.factory().name()
              + "' cannot be taken over while the instance that writes it hangs: use kafka, or leave 'standby' out");
    }
    if (rules.isEmpty()) {
      throw new InvalidSettingException("rules", "name at least one file");
    }
  }
}
