package io.rowbell.engine.cli;

import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Failures;
import io.rowbell.language.contract.AsyncApi;
import io.rowbell.language.contract.Contract;
import io.rowbell.language.contract.JsonSchema;
import io.rowbell.language.contract.JsonTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A contract as files: {@code asyncapi.json} with all of it, and the JSON Schema of each event's
 * data by itself.
 */
final class ContractFiles {
  private static final String DOCUMENT = "asyncapi.json";
  private static final String SCHEMA = ".schema.json";

  private ContractFiles() {}

  /**
   * Writes a contract into a directory, and removes the schemas of events that an earlier contract
   * there had.
   *
   * @return how many files were written
   * @throws EngineException if it cannot be written
   */
  static int write(Path directory, String title, Contract contract) {
    Map<String, String> files = new TreeMap<>();
    files.put(DOCUMENT, JsonTree.write(AsyncApi.document(title, contract)));
    contract.byId().forEach((id, event) -> files.put(id + SCHEMA, schema(event)));
    try {
      Files.createDirectories(directory);
      if (Files.exists(directory.resolve(DOCUMENT))) {
        for (String id : read(directory).byId().keySet()) {
          if (!files.containsKey(id + SCHEMA)) {
            Files.deleteIfExists(directory.resolve(id + SCHEMA));
          }
        }
      }
      for (Map.Entry<String, String> file : files.entrySet()) {
        Files.writeString(directory.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw Failures.of("the contract cannot be written into " + directory, e);
    }
    return files.size();
  }

  private static String schema(Contract.Event event) {
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    schema.put("$schema", JsonSchema.DIALECT);
    schema.put("title", event.name() + ", version " + event.version());
    if (event.description() != null) {
      schema.put("description", event.description());
    }
    schema.putAll(event.data());
    return JsonTree.write(schema);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param path the directory, or the AsyncAPI document
   * @throws EngineException if it is no contract
   */
  static Contract read(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve(DOCUMENT) : path;
    try {
      return AsyncApi.read(JsonTree.read(Files.readString(file)));
    } catch (IOException e) {
      throw Failures.of(
          "there is no contract to read at " + file + ", as 'rowbell contract -o DIR' writes one",
          e);
    } catch (IllegalArgumentException e) {
      throw new EngineException(
          ExitCode.CONFIGURATION, file + " is no contract: " + e.getMessage(), e);
    }
  }
}
