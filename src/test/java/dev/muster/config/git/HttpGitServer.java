package dev.muster.config.git;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * Git's own HTTP server ({@code git http-backend}) on loopback, behind basic authentication; what
 * is not a repository's can be passed on to another server, so that an API lies beside it.
 */
public final class HttpGitServer implements AutoCloseable {
  private final Path root;
  private final HttpServer server;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> passwords = new CopyOnWriteArrayList<>();
  private volatile Predicate<String> guard = password -> true;
  private volatile Optional<URI> redirection = Optional.empty();
  private volatile Optional<URI> beside = Optional.empty();
  private volatile boolean open;

  /**
   * Starts one.
   *
   * @param root holds the repositories, as {@code root/acme/config.git}
   */
  public HttpGitServer(Path root) throws IOException {
    this.root = root;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  public String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  /** Who may enter, by password. */
  public void guard(Predicate<String> newGuard) {
    guard = newGuard;
  }

  /** Lets everybody in. */
  void open() {
    open = true;
  }

  void redirectTo(String base) {
    redirection = Optional.of(URI.create(base));
  }

  /** Passes on what asks for no repository. */
  public void beside(URI other) {
    beside = Optional.of(other);
  }

  /** Every password that was tried, in order. */
  public List<String> passwords() {
    return List.copyOf(passwords);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!path.contains(".git/")) {
        pass(exchange);
      } else if (redirection.isPresent()) {
        String to = redirection.get() + exchange.getRequestURI().toString();
        exchange.getResponseHeaders().add("Location", to);
        exchange.sendResponseHeaders(302, -1);
      } else if (enters(exchange)) {
        serve(exchange, path);
      } else {
        exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
        exchange.sendResponseHeaders(401, -1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean enters(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    if (open || header == null) {
      return open;
    }
    String pair =
        new String(
            Base64.getDecoder().decode(header.substring("Basic ".length())),
            StandardCharsets.UTF_8);
    String password = pair.substring(pair.indexOf(':') + 1);
    passwords.add(password);
    return pair.startsWith("x-access-token:") && guard.test(password);
  }

  private void serve(HttpExchange exchange, String path) throws IOException {
    ProcessBuilder git = new ProcessBuilder("git", "http-backend");
    Map<String, String> environment = git.environment();
    environment.put("GIT_PROJECT_ROOT", root.toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("HOME", root.toString());
    environment.put("PATH_INFO", path);
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    put(environment, "QUERY_STRING", exchange.getRequestURI().getQuery());
    put(environment, "CONTENT_TYPE", exchange.getRequestHeaders().getFirst("Content-Type"));
    put(
        environment,
        "HTTP_CONTENT_ENCODING",
        exchange.getRequestHeaders().getFirst("Content-Encoding"));
    put(environment, "GIT_PROTOCOL", exchange.getRequestHeaders().getFirst("Git-Protocol"));
    Process process = git.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var in = process.getOutputStream()) {
      exchange.getRequestBody().transferTo(in);
    }
    InputStream out = new BufferedInputStream(process.getInputStream());
    int status = 200;
    for (String line = line(out); !line.isEmpty(); line = line(out)) {
      String name = line.substring(0, line.indexOf(':'));
      String value = line.substring(name.length() + 1).strip();
      if (name.equals("Status")) {
        status = Integer.parseInt(value.substring(0, 3));
      } else {
        exchange.getResponseHeaders().add(name, value);
      }
    }
    exchange.sendResponseHeaders(status, 0);
    out.transferTo(exchange.getResponseBody());
  }

  private static void put(Map<String, String> environment, String name, String value) {
    environment.put(name, value == null ? "" : value);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n' && c != -1; c = in.read()) {
      line.append((char) c);
    }
    return line.toString().strip();
  }

  private void pass(HttpExchange exchange) throws IOException, InterruptedException {
    if (beside.isEmpty()) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(beside.get() + exchange.getRequestURI().toString()))
            .method(
                exchange.getRequestMethod(),
                HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
    for (String name : List.of("Authorization", "Content-Type")) {
      Optional.ofNullable(exchange.getRequestHeaders().getFirst(name))
          .ifPresent(value -> request.header(name, value));
    }
    HttpResponse<byte[]> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    exchange.sendResponseHeaders(
        answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
    exchange.getResponseBody().write(answer.body());
  }

  @Override
  public void close() {
    server.stop(0);
    client.close();
  }
}
