package dev.muster.kernel.home;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * Where a listener binds.
 *
 * @param port 0 for any free one
 */
public record Listen(String host, int port) {
  public Listen {
    if (host.isBlank() || port < 0 || port > 65_535) {
      throw new IllegalArgumentException("Not an address to listen at: " + host + ":" + port);
    }
  }

  /** Reads {@code HOST:PORT}, {@code [V6]:PORT} or {@code PORT}. */
  public static Listen parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon).replaceAll("[\\[\\]]", "");
    try {
      return new Listen(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT", e);
    }
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }

  /** Whether only this machine reaches it. */
  public boolean loopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("The host '" + host + "' to listen at is not known", e);
    }
  }

  /** How this machine reaches a listener that was bound here. */
  public URI url(boolean tls, int bound) {
    String name = address().getAddress().isAnyLocalAddress() ? "127.0.0.1" : host;
    String literal = name.contains(":") ? "[" + name + "]" : name;
    return URI.create((tls ? "https" : "http") + "://" + literal + ":" + bound);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
