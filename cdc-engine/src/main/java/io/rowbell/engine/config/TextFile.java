package io.rowbell.engine.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.language.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files that users write. */
public final class TextFile {
  private TextFile() {}

  /**
   * The text of a file; of one that is longer than {@link YamlReader} takes, only its beginning,
   * which is too long as well.
   *
   * @throws CharacterCodingException if it is no UTF-8
   */
  public static String read(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(YamlReader.MAX_BYTES + 1);
    }
    return bytes.length > YamlReader.MAX_BYTES
        ? new String(bytes, UTF_8)
        : UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
