package io.rowbell.engine.config;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A configuration file as it was read.
 *
 * @param path where it lies
 * @param digest of its text
 * @param directory what the patterns are relative to
 * @param rules which rule files it means
 */
public record ConfigFile(Path path, String digest, Path directory, List<Pattern> rules) {
  public ConfigFile {
    rules = List.copyOf(rules);
  }

  /**
   * A pattern of files.
   *
   * @param place where it was written
   */
  public record Pattern(String text, Location place) {}

  static String digest(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Whether its text is another one now, or can no longer be read. */
  public boolean isChanged() {
    try {
      return !digest.equals(digest(ConfigLoader.read(path)));
    } catch (ConfigException e) {
      return true;
    }
  }

  /**
   * The rule files that the patterns mean now.
   *
   * @throws ConfigException if a pattern means none
   */
  public List<Path> ruleFiles() {
    Problems problems = new Problems();
    List<Path> files =
        RuleFiles.find(
            directory,
            rules.stream().map(Pattern::text).toList(),
            i -> rules.get(i).place(),
            problems);
    if (problems.hasErrors()) {
      throw new ConfigException(problems.issues());
    }
    return files;
  }
}
