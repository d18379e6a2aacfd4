package io.rowbell.webhook;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate for one name that signs itself, made by the JDK's keytool. */
final class TestAuthority {
  private static final String PASSWORD = "not secret";

  private final Path directory;

  private TestAuthority(Path directory) {
    this.directory = directory;
  }

  /** Makes one, and its files in an empty directory. */
  static TestAuthority forName(Path directory, String name) throws Exception {
    TestAuthority made = new TestAuthority(directory);
    made.keytool(
        "-genkeypair",
        "-alias",
        "hook",
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-ext",
        "san=dns:" + name,
        "-validity",
        "2");
    made.keytool("-exportcert", "-rfc", "-alias", "hook", "-file", made.certificate().toString());
    return made;
  }

  private Path store() {
    return directory.resolve("store.p12");
  }

  /** The certificate, PEM. */
  Path certificate() {
    return directory.resolve("certificate.pem");
  }

  private void keytool(String... arguments) throws Exception {
    List<String> command =
        Stream.concat(
                Stream.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()),
                Stream.concat(
                    Stream.of(arguments),
                    Stream.of(
                        "-keystore",
                        store().toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD)))
            .toList();
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IllegalStateException("keytool failed: " + command);
    }
  }

  /** What a server with this certificate shows. */
  SSLContext identity() throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(store())) {
      keys.load(file, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
