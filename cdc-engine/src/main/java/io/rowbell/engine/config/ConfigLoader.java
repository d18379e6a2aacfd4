package io.rowbell.engine.config;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Setting;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code rowbell.yaml}. */
public final class ConfigLoader {
  private ConfigLoader() {}

  /** What must be known before the adapters can be looked for, and so before all else. */
  record PluginSettings(@Setting(value = "", byDefault = "plugins") Path plugins) {}

  /** What rules are checked and tested with where there is nothing else. */
  record RuleSettings(@Setting("") List<String> rules) {}

  /** What the journal is read with. */
  record JournalSettings(
      @Setting(value = "", byDefault = "rowbell") String name,
      @Setting(value = "", byDefault = "{sqlite: {}}") JournalConfig<?> journal) {}

  /** What the running engine is spoken to with. */
  record StatusSettings(
      @Setting(value = "", byDefault = "rowbell") String name,
      @Setting("") @Nullable HttpConfig http) {}

  /**
   * Reads a configuration, with the overrides of this process's environment.
   *
   * @throws ConfigException if it cannot be used: everything that is wrong at once
   */
  public static EngineConfig load(Path file) {
    return load(file, System.getenv()).config();
  }

  /**
   * Reads a configuration.
   *
   * @param environment what overrides and references are looked up in
   * @throws ConfigException if it cannot be used: everything that is wrong at once
   */
  public static LoadedConfig load(Path file, Map<String, String> environment) {
    return load(file, environment, Adapters::found);
  }

  /**
   * @param adapters finds the adapters that a class loader offers
   */
  static LoadedConfig load(
      Path file, Map<String, String> environment, Function<ClassLoader, Adapters> adapters) {
    return open(file, environment).load(adapters);
  }

  /**
   * Reads what a configuration says of the rules. The rest is not looked at: its references to the
   * environment and to secrets need not be there.
   *
   * @param environment what overrides and references are looked up in
   * @throws ConfigException if that cannot be used
   */
  public static RuleSources rules(Path file, Map<String, String> environment) {
    return open(file, environment).rules();
  }

  /**
   * Reads what a configuration says of the journal. The rest is not looked at: the journal can be
   * read by somebody who has no password of the database.
   *
   * @param environment what overrides and references are looked up in
   * @throws ConfigException if that cannot be used
   */
  public static JournalAccess journal(Path file, Map<String, String> environment) {
    return open(file, environment).journal(Adapters::found);
  }

  /**
   * Reads what a configuration says of where the engine serves its status. The rest is not looked
   * at.
   *
   * @param environment what overrides and references are looked up in
   * @throws ConfigException if that cannot be used
   */
  public static StatusAccess status(Path file, Map<String, String> environment) {
    return open(file, environment).status();
  }

  private static Load open(Path file, Map<String, String> environment) {
    Problems problems = new Problems();
    String text = read(file);
    YamlNode document = YamlReader.read(file.toString(), text, problems);
    if (document == null) {
      throw new ConfigException(problems.issues());
    }
    return new Load(file, text, document, environment, problems);
  }

  static String read(Path file) {
    try {
      return TextFile.read(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "there is no file '"
              + file
              + "': name the configuration with --config, or run in its directory");
    } catch (CharacterCodingException e) {
      throw new ConfigException("the file '" + file + "' is not text in UTF-8: save it as such");
    } catch (IOException e) {
      throw new ConfigException(
          Files.isDirectory(file)
              ? "'" + file + "' is a directory: name the file in it"
              : "the file '" + file + "' cannot be read: " + e);
    }
  }

  /** One reading of one file. */
  private static final class Load {
    private final Path file;
    private final String text;
    private final YamlNode document;
    private final Map<String, String> environment;
    private final Problems problems;
    private final Path directory;
    private final References references;
    private final Location top;

    Load(
        Path file,
        String text,
        YamlNode document,
        Map<String, String> environment,
        Problems problems) {
      this.file = file;
      this.text = text;
      this.document = document;
      this.environment = environment;
      this.problems = problems;
      Path parent = file.toAbsolutePath().normalize().getParent();
      this.directory = parent == null ? file.toAbsolutePath() : parent;
      this.references = new References(environment, directory, problems);
      this.top = document.location();
    }

    LoadedConfig load(Function<ClassLoader, Adapters> adapters) {
      boolean whole = !problems.hasErrors();
      ClassLoader classes = plugins();
      Shape.Group shape = Shape.of(PipelineSettings.class, adapters.apply(classes));
      Overrides overrides = new Overrides(environment, shape);
      Values values = new Values(references, problems);
      Binder binder = new Binder(values, overrides, problems, classes);
      PipelineSettings settings =
          (PipelineSettings) binder.group(shape, new Binder.Slot("", document, top));
      if (whole) {
        // Of a file that is read in part only, it is not known what it leaves to the environment.
        overrides.reportLeft(References.variables(text), problems);
      }
      List<Path> rules = List.of();
      List<ConfigFile.Pattern> patterns = new ArrayList<>();
      if (settings != null) {
        refuseTwice(settings.subscribers(), binder);
        rules =
            RuleFiles.find(
                directory, settings.rules(), i -> binder.place("rules[" + i + "]"), problems);
        for (String pattern : settings.rules()) {
          patterns.add(
              new ConfigFile.Pattern(pattern, binder.place("rules[" + patterns.size() + "]")));
        }
      }
      if (settings == null || problems.hasErrors()) {
        throw new ConfigException(values.hideSecrets(problems.issues()));
      }
      return new LoadedConfig(
          new EngineConfig(
              settings.name(),
              directory,
              settings.source(),
              rules,
              settings.journal(),
              settings.subscribers(),
              settings.standby(),
              settings.http(),
              settings.watchdog(),
              settings.debezium(),
              settings.hashKey(),
              classes),
          values.effective(),
          new ConfigFile(file, ConfigFile.digest(text), directory, patterns));
    }

    RuleSources rules() {
      Part<RuleSettings> part = part(RuleSettings.class, Adapters.NONE, classes());
      List<Path> found =
          RuleFiles.find(
              directory,
              part.settings().rules(),
              i -> part.binder().place("rules[" + i + "]"),
              problems);
      if (problems.hasErrors()) {
        throw new ConfigException(problems.issues());
      }
      boolean hashes =
          environment.containsKey("ROWBELL_HASH_KEY")
              || (document instanceof YamlMap map && map.get("hash-key") != null);
      return new RuleSources(directory, found, hashes);
    }

    JournalAccess journal(Function<ClassLoader, Adapters> adapters) {
      ClassLoader plugged = plugins();
      JournalSettings settings =
          part(JournalSettings.class, adapters.apply(plugged), plugged).settings();
      return new JournalAccess(
          settings.journal(), new AdapterContext(settings.name(), directory, Map.of()));
    }

    StatusAccess status() {
      StatusSettings settings = part(StatusSettings.class, Adapters.NONE, classes()).settings();
      return new StatusAccess(settings.name(), settings.http());
    }

    /**
     * A part of the settings.
     *
     * @param binder knows where they were written
     */
    private record Part<S>(S settings, Binder binder) {}

    /**
     * Binds some of the settings as if there were no others.
     *
     * @throws ConfigException if one of them cannot be used, or is misspelt
     */
    private <S extends Record> Part<S> part(Class<S> type, Adapters adapters, ClassLoader classes) {
      Shape.Group shape = Shape.of(type, adapters);
      Values values = new Values(references, problems);
      Binder binder = new Binder(values, new Overrides(environment, shape), problems, classes);
      Record bound = binder.group(shape, new Binder.Slot("", only(shape.keys()), top));
      if (bound == null || problems.hasErrors()) {
        throw new ConfigException(values.hideSecrets(problems.issues()));
      }
      return new Part<>(type.cast(bound), binder);
    }

    /** The document without all that is certain to be another setting than these. */
    private YamlNode only(List<String> keys) {
      if (!(document instanceof YamlMap map)) {
        return document;
      }
      List<String> all = Shape.of(PipelineSettings.class, Adapters.NONE).keys();
      return new YamlMap(
          top,
          map.entries().stream()
              .filter(
                  entry ->
                      all.contains(entry.name())
                          ? keys.contains(entry.name())
                          : Suggestions.closest(entry.name(), all)
                              .filter(keys::contains)
                              .isPresent())
              .toList());
    }

    private static ClassLoader classes() {
      return ConfigLoader.class.getClassLoader();
    }

    /** Reads the one setting in silence: it is read again with all others, and then noted. */
    private ClassLoader plugins() {
      Problems unheard = new Problems();
      Shape.Group shape = Shape.of(PluginSettings.class, Adapters.NONE);
      Values values = new Values(new References(environment, directory, unheard), unheard);
      Overrides overrides = new Overrides(environment, shape);
      Binder binder = new Binder(values, overrides, unheard, classes());
      Record bound = binder.group(shape, new Binder.Slot("", only(shape.keys()), top));
      if (!(bound instanceof PluginSettings settings)) {
        return classes();
      }
      boolean named = values.effective().get(0).origin() != Origin.DEFAULT;
      return Plugins.loader(
          directory.resolve(settings.plugins()), named, binder.place("plugins"), problems);
    }

    private void refuseTwice(List<SubscriberConfig> subscribers, Binder binder) {
      Map<String, Integer> names = new HashMap<>();
      for (int i = 0; i < subscribers.size(); i++) {
        Integer first = names.putIfAbsent(subscribers.get(i).name(), i);
        if (first != null) {
          problems.error(
              Codes.WRONG_VALUE,
              binder.place("subscribers[" + i + "].name"),
              "there is another subscriber '" + subscribers.get(i).name() + "'",
              "its cursor is kept under its name: give each one of its own");
        }
      }
    }
  }
}
