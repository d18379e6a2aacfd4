package io.rowbell.postgres;

import io.rowbell.spi.ByteSize;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The settings of a PostgreSQL source: which database, which slot, and every bound. */
public record PostgresSettings(
    @Setting(
            value =
                "Host name or address of the server; or the directory of its Unix-domain socket, as"
                    + " /var/run/postgresql.",
            byDefault = "localhost")
        String host,
    @Setting(value = "Port of the server; part of the socket's name, too.", byDefault = "5432")
        int port,
    @Setting("Database to follow.") String database,
    @Setting("Role to log in as; it needs LOGIN and REPLICATION.") String user,
    @Setting("Password of the role; may be left out where the server asks for none.")
        @Nullable Secret password,
    @Setting("Encryption of the connections; without this section they are not encrypted.")
        @Nullable Tls tls,
    @Setting("Replication slot; by default it has the pipeline's name.") @Nullable String slot,
    @Setting("Publication; by default it has the pipeline's name.") @Nullable String publication,
    @Setting(
            "After a refusal because the publication was altered (E245): the token that it names, to"
                + " go on although changes may be missing. Holds for that alteration only.")
        @Nullable String acceptPublication,
    @Setting(
            value = "Most bytes of row data in one batch; a larger transaction is split.",
            byDefault = "4MiB")
        ByteSize maxBatchBytes,
    @Setting(value = "Most changes in one batch.", byDefault = "8192") int maxBatchChanges,
    @Setting(value = "Longest time to wait for a connection to be made.", byDefault = "10s")
        Duration connectTimeout,
    @Setting(
            value = "Longest silence of a connection before it is given up and made anew.",
            byDefault = "20s")
        Duration stallTimeout,
    @Setting(
            value =
                "How long a database that was lost, or a slot that another process holds, is"
                    + " waited for.",
            byDefault = "10m")
        Duration reconnectFor,
    @Setting(
            value =
                "How often a marker is written through SQL: it proves that the stream moves, and"
                    + " lets the slot advance while only other tables are written.",
            byDefault = "2s")
        Duration markerInterval,
    @Setting(value = "Rows read at a time when a table is backfilled.", byDefault = "2000")
        int backfillChunkRows) {

  private static final Pattern SLOT_NAME = Pattern.compile("[a-z0-9_]{1,63}");

  /** A name, or an address. Anything else could say more in the driver's URL than where. */
  private static final Pattern HOST =
      Pattern.compile("[\\p{L}\\p{N}._-]+|(?=.*:.*:)[0-9a-fA-F:.]+(%[0-9a-zA-Z._-]+)?");

  /**
   * @throws InvalidSettingException if a number is out of its range, or the host is none
   */
  public PostgresSettings {
    if (isDirectory(host)) {
      if (tls != null) {
        throw new InvalidSettingException(
            "tls",
            "PostgreSQL encrypts no Unix-domain socket: leave tls out, or let host be a name");
      }
    } else if (!HOST.matcher(host).matches()) {
      throw new InvalidSettingException(
          "host",
          "'"
              + host
              + "' is neither a host name nor an address nor the path of a socket's directory; the"
              + " port is 'port'");
    }
    if (port < 1 || port > 65_535) {
      throw new InvalidSettingException("port", "a port is between 1 and 65535, not " + port);
    }
    atLeast("max-batch-bytes", maxBatchBytes.bytes(), 1);
    atLeast("max-batch-changes", maxBatchChanges, 1);
    atLeast("backfill-chunk-rows", backfillChunkRows, 1);
    positive("connect-timeout", connectTimeout);
    positive("stall-timeout", stallTimeout);
    positive("marker-interval", markerInterval);
    if (reconnectFor.isNegative()) {
      throw new InvalidSettingException("reconnect-for", "a time to wait is not negative");
    }
    if (markerInterval.compareTo(stallTimeout) >= 0) {
      throw new InvalidSettingException(
          "marker-interval",
          "it must be shorter than stall-timeout, which "
              + stallTimeout
              + " is: markers prove life");
    }
  }

  private static boolean isDirectory(String host) {
    return host.startsWith("/") && host.indexOf('\0') < 0;
  }

  /** The server's Unix-domain socket, by the name that PostgreSQL gives it; null for TCP. */
  @Nullable Path socket() {
    return isDirectory(host) ? Path.of(host, ".s.PGSQL." + port) : null;
  }

  /** The host for what knows names and addresses only. */
  String hostName() {
    return isDirectory(host) ? "localhost" : host;
  }

  /**
   * The slot's name.
   *
   * @throws InvalidSettingException if PostgreSQL would not take it
   */
  String slotOf(String pipeline) {
    String name = slot == null ? pipeline : slot;
    if (!SLOT_NAME.matcher(name).matches()) {
      throw new InvalidSettingException(
          "slot",
          "'"
              + name
              + "' cannot name a replication slot: use at most 63 lower-case letters, digits and"
              + " underscores");
    }
    return name;
  }

  /** The publication's name, as the catalog spells it. */
  String publicationOf(String pipeline) {
    return publication == null ? pipeline : publication;
  }

  private static void atLeast(String key, long value, long least) {
    if (value < least) {
      throw new InvalidSettingException(key, "it must be at least " + least + ", not " + value);
    }
  }

  private static void positive(String key, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0) {
      throw new InvalidSettingException(key, "it must be longer than nothing");
    }
  }

  /** How connections are encrypted and who is believed. */
  public record Tls(
      @Setting(
              value = "What is verified: the certificate and the host name, or less.",
              byDefault = "verify-full")
          Mode mode,
      @Setting("File with the certificates of the authorities to believe; else Java's own.")
          @Nullable Path rootCertificate,
      @Setting("File with our certificate, for servers that ask for one.")
          @Nullable Path certificate,
      @Setting("File with our private key in PKCS-8 DER or PKCS-12.") @Nullable Path key,
      @Setting("Password of the private key's file.") @Nullable Secret keyPassword) {

    /** What is verified. */
    public enum Mode {
      /** Nothing: encrypted, but to whom is not known. */
      REQUIRE,
      /** That an authority we believe has signed the certificate. */
      VERIFY_CA,
      /** That, and the host name. */
      VERIFY_FULL
    }

    /** The same, with its files where they lie. */
    Tls in(Path directory) {
      return new Tls(
          mode,
          rootCertificate == null ? null : directory.resolve(rootCertificate),
          certificate == null ? null : directory.resolve(certificate),
          key == null ? null : directory.resolve(key),
          keyPassword);
    }
  }
}
