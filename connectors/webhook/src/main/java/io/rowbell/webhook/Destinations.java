package io.rowbell.webhook;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves names to the addresses that may be connected to, so that an event cannot be sent into a
 * network that only looks public: to a service of the machine, of the private network, or to the
 * cloud's metadata. What is checked here is what is connected to: no name is resolved twice for one
 * connection.
 */
final class Destinations implements DnsResolver {
  /**
   * What is not on the public internet: the registries of special-purpose addresses of IANA (RFC
   * 6890 and after), and multicast.
   */
  private static final List<Network> NOT_PUBLIC =
      List.of(
          Network.parse("0.0.0.0/8"),
          Network.parse("10.0.0.0/8"),
          Network.parse("100.64.0.0/10"),
          Network.parse("127.0.0.0/8"),
          Network.parse("169.254.0.0/16"),
          Network.parse("172.16.0.0/12"),
          Network.parse("192.0.0.0/24"),
          Network.parse("192.0.2.0/24"),
          Network.parse("192.88.99.0/24"),
          Network.parse("192.168.0.0/16"),
          Network.parse("198.18.0.0/15"),
          Network.parse("198.51.100.0/24"),
          Network.parse("203.0.113.0/24"),
          Network.parse("224.0.0.0/4"),
          Network.parse("240.0.0.0/4"),
          Network.parse("2001::/23"),
          Network.parse("2001:db8::/32"),
          Network.parse("2002::/16"),
          Network.parse("3fff::/20"));

  /** Of IPv6 nothing else is handed out: what is outside is local, translated or multicast. */
  private static final Network GLOBAL_UNICAST = Network.parse("2000::/3");

  /** Looks names up. */
  interface Names {
    InetAddress[] lookUp(String name) throws UnknownHostException;
  }

  /** A name that stands for an address that may not be connected to. */
  static final class RefusedAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    RefusedAddressException(String message) {
      super(message);
    }
  }

  private final Names names;
  private final List<Network> allowed;
  private final boolean encrypted;

  /**
   * @param allowed what may be connected to although it is not public
   * @param encrypted false: nothing else may be
   */
  Destinations(Names names, List<Network> allowed, boolean encrypted) {
    this.names = names;
    this.allowed = List.copyOf(allowed);
    this.encrypted = encrypted;
  }

  /**
   * @throws RefusedAddressException if one of the addresses may not be connected to
   */
  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] addresses = names.lookUp(host);
    for (InetAddress address : addresses) {
      if (allowed.stream().anyMatch(network -> network.contains(address))) {
        continue;
      }
      if (!isPublic(address)) {
        throw new RefusedAddressException(
            address.getHostAddress()
                + " is not a public address. If events may go there, name its network in"
                + " 'allow-networks'");
      }
      if (!encrypted) {
        throw new RefusedAddressException(
            address.getHostAddress()
                + " is reached without encryption. Use https, or name its network in"
                + " 'allow-networks'");
      }
    }
    return addresses;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  static boolean isPublic(InetAddress address) {
    return (!(address instanceof Inet6Address) || GLOBAL_UNICAST.contains(address))
        && NOT_PUBLIC.stream().noneMatch(network -> network.contains(address));
  }
}
