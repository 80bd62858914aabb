package dev.muster.kernel.http;

import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;

/**
 * Refuses paths that carry credentials over plain HTTP from beyond this machine. A proxy that ends
 * TLS is trusted by its address, and only when it says that its client used TLS.
 */
public final class TransportGuard implements Filter {
  private final List<String> guarded;
  private final Set<InetAddress> proxies;

  /**
   * @param guarded the beginnings of the paths that carry credentials
   * @param proxies addresses of trusted proxies that end TLS
   */
  public TransportGuard(List<String> guarded, Set<InetAddress> proxies) {
    this.guarded = List.copyOf(guarded);
    this.proxies = Set.copyOf(proxies);
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String path = request.path().path();
    if (guarded.stream().anyMatch(path::startsWith) && !protectedTransport(request)) {
      throw new HttpProblem(
          new ErrorBody(
              403,
              "tls_required",
              "Credentials are refused over plain HTTP from beyond this machine",
              "Give the appliance a TLS certificate, or name your proxy in muster.properties"));
    }
    chain.proceed();
  }

  private boolean protectedTransport(RoutingRequest request) {
    if (request.isSecure()) {
      return true;
    }
    InetAddress peer = addressOf(request.remotePeer().address());
    if (proxies.contains(peer)) {
      return request
          .headers()
          .first(io.helidon.http.HeaderNames.X_FORWARDED_PROTO)
          .filter("https"::equalsIgnoreCase)
          .isPresent();
    }
    return peer.isLoopbackAddress();
  }

  private static InetAddress addressOf(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress()
        : InetAddress.getLoopbackAddress(); // a unix socket does not leave the machine
  }
}
