package io.rowbell.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of addresses.
 *
 * @param first an address in it
 * @param bits how many leading bits they share
 */
record Network(InetAddress first, int bits) {
  /**
   * Reads CIDR notation.
   *
   * @param text {@code 10.1.0.0/16}, {@code fd00::/8}, or one address
   * @throws IllegalArgumentException if it is none: the message says what is wrong
   */
  static Network parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    // A name would be looked up.
    if (!address.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
      throw new IllegalArgumentException("'" + text + "' is no network such as 10.1.0.0/16");
    }
    try {
      InetAddress first = InetAddress.getByName(address);
      int most = first.getAddress().length * Byte.SIZE;
      int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
      if (bits < 0 || bits > most) {
        throw new IllegalArgumentException(
            "'" + text + "' has a prefix that is not between 0 and " + most);
      }
      return new Network(first, bits);
    } catch (UnknownHostException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is no network such as 10.1.0.0/16", e);
    }
  }

  boolean contains(InetAddress address) {
    byte[] mine = first.getAddress();
    byte[] other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit += Byte.SIZE) {
      int unused = Math.max(0, Byte.SIZE - (bits - bit));
      int mask = 0xFF << unused & 0xFF;
      if (((mine[bit / Byte.SIZE] ^ other[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
