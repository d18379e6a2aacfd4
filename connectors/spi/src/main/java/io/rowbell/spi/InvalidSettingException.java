package io.rowbell.spi;

/** A setting that cannot be used. The engine adds the file, line and column of the key. */
public final class InvalidSettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String key;

  /**
   * @param key the key as it stands in YAML, dots between levels, relative to the adapter's section
   * @param message what is wrong and what to do, without the value of a secret
   */
  public InvalidSettingException(String key, String message) {
    super(message);
    this.key = key;
  }

  /** The key as it stands in YAML. */
  public String key() {
    return key;
  }
}
