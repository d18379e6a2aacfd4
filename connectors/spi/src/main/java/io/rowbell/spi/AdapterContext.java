package io.rowbell.spi;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * What an adapter is told besides its own settings.
 *
 * @param pipeline the pipeline's name: the default name of slot, publication, topics and groups
 * @param directory what relative paths in the configuration are relative to
 * @param passThrough the configuration's {@code debezium} section, verbatim; of use to the source
 *     only
 */
public record AdapterContext(String pipeline, Path directory, Map<String, String> passThrough) {
  public AdapterContext {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(directory, "directory");
    passThrough = Map.copyOf(passThrough);
  }
}
