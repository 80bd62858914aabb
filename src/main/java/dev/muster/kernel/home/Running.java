package dev.muster.kernel.home;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;

/**
 * An appliance that runs.
 *
 * @param publicUrl its public listener, as this machine reaches it
 * @param adminUrl its admin listener
 * @param token lets the command line in; kept in a file of its own
 */
public record Running(long pid, URI publicUrl, URI adminUrl, String token) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Running parse(String json, String token) throws IOException {
    JsonNode node = JSON.readTree(json);
    return new Running(
        node.path("pid").asLong(),
        URI.create(node.path("public").asText()),
        URI.create(node.path("admin").asText()),
        token);
  }

  String json() {
    ObjectNode node = JSON.createObjectNode();
    node.put("pid", pid).put("public", publicUrl.toString()).put("admin", adminUrl.toString());
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Three fields can always be written", e);
    }
  }

  boolean alive() {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  @Override
  public String toString() {
    return "Running[pid=" + pid + ", public=" + publicUrl + ", admin=" + adminUrl + "]";
  }
}
