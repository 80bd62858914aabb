package dev.muster.fleet.compute;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.muster.fleet.spec.RunnerSpec;
import java.net.URI;

/**
 * The exact request of a launch. It is stored before it is sent, so that it can be repeated word
 * for word after a crash; a cloud refuses a repeat that differs.
 *
 * @param launch also the client token
 * @param count how many machines
 * @param spot whether spot capacity may be used: never for warm runners, which must be stoppable
 * @param agentUrl where the machines' agents find the appliance
 */
public record LaunchRequest(
    String launch,
    String pool,
    String environment,
    String region,
    RunnerSpec spec,
    int count,
    boolean spot,
    URI agentUrl) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().addModule(new Jdk8Module()).addModule(new JavaTimeModule()).build();

  public LaunchRequest {
    if (count < 1) {
      throw new IllegalArgumentException("A launch is for at least one machine, not " + count);
    }
  }

  /** The form in which it is stored. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A launch request can always be written", e);
    }
  }

  public static LaunchRequest parse(String json) {
    try {
      return JSON.readValue(json, LaunchRequest.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A launch request is damaged in the database", e);
    }
  }
}
