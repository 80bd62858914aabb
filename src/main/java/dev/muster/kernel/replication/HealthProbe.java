package dev.muster.kernel.replication;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Asks an appliance's health endpoint. Its client is made when somebody is doubted first. */
public final class HealthProbe implements Predicate<String>, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private @Nullable HttpClient client;

  @Override
  public boolean test(String address) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(address + "/healthz")).timeout(PATIENCE).GET().build();
      return client().send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true; // nothing was learnt
    }
  }

  private synchronized HttpClient client() {
    HttpClient made =
        client == null ? HttpClient.newBuilder().connectTimeout(PATIENCE).build() : client;
    client = made;
    return made;
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
    }
  }
}
