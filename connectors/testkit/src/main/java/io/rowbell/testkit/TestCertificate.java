package io.rowbell.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate that signs itself, made by the JDK's keytool, and its files in the forms that
 * servers and clients ask for. Whoever trusts it trusts {@link #certificate}.
 */
public final class TestCertificate {
  /** The alias that PostgreSQL's driver asks for. */
  private static final String ALIAS = "user";

  private static final String ENCRYPTION = "PBEWithSHA1AndDESede";

  private final Path directory;
  private final String password;

  private TestCertificate(Path directory, String password) {
    this.directory = directory;
    this.password = password;
  }

  /**
   * Makes one.
   *
   * @param directory where its files go; made if there is none, and empty
   * @param names whom it is for, as keytool writes it: {@code dns:hooks.example}, {@code
   *     ip:127.0.0.1}, several with commas
   */
  public static TestCertificate of(Path directory, String names) throws Exception {
    return of(directory, names, "not secret");
  }

  /**
   * Makes one.
   *
   * @param password of the files that are encrypted
   */
  public static TestCertificate of(Path directory, String names, String password) throws Exception {
    TestCertificate made = new TestCertificate(Files.createDirectories(directory), password);
    made.keytool(
        "-genkeypair",
        "-keyalg",
        "EC",
        "-dname",
        "CN=test",
        "-ext",
        "san=" + names,
        "-validity",
        "2");
    made.keytool("-exportcert", "-rfc", "-file", made.certificate().toString());
    byte[] key = made.keys().getKey(ALIAS, password.toCharArray()).getEncoded();
    write(made.key(), "PRIVATE KEY", key);
    write(made.encryptedKey(), "ENCRYPTED PRIVATE KEY", encrypted(key, password));
    return made;
  }

  /** The certificate, PEM. */
  public Path certificate() {
    return directory.resolve("certificate.pem");
  }

  /** Its private key, PEM, readable to everybody. */
  public Path key() {
    return directory.resolve("key.pem");
  }

  /** Its private key, PEM, encrypted with the password. */
  public Path encryptedKey() {
    return directory.resolve("encrypted-key.pem");
  }

  /** Both, PKCS-12, encrypted with the password. */
  public Path store() {
    return directory.resolve("store.p12");
  }

  /** What the encrypted files are encrypted with. */
  public String password() {
    return password;
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(
                Stream.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()),
                Stream.concat(
                    Stream.of(arguments),
                    Stream.of(
                        "-alias",
                        ALIAS,
                        "-keystore",
                        store().toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        password)))
            .toList();
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IllegalStateException("keytool failed: " + command);
    }
  }

  private static byte[] encrypted(byte[] key, String password)
      throws GeneralSecurityException, IOException {
    Cipher cipher = Cipher.getInstance(ENCRYPTION);
    cipher.init(
        Cipher.ENCRYPT_MODE,
        SecretKeyFactory.getInstance(ENCRYPTION)
            .generateSecret(new PBEKeySpec(password.toCharArray())));
    return new EncryptedPrivateKeyInfo(cipher.getParameters(), cipher.doFinal(key)).getEncoded();
  }

  private static void write(Path file, String what, byte[] content) throws IOException {
    String lines = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, lines));
  }

  private KeyStore keys() throws GeneralSecurityException, IOException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(store())) {
      keys.load(file, password.toCharArray());
    }
    return keys;
  }

  /** What a server in this JVM shows that has this certificate. */
  public SSLContext identity() throws GeneralSecurityException, IOException {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys(), password.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
