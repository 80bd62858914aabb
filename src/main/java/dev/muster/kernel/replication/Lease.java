package dev.muster.kernel.replication;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a region says of itself, anew with each beat.
 *
 * @param holder the home whose appliance has the region, one at a time; {@link #NOBODY} once that
 *     one has stopped in good order
 * @param address the appliance's public URL, whose {@code /healthz} its peers ask
 * @param generation rises when an appliance takes the region
 * @param beat rises with each writing
 * @param at by the writer's clock: for people only, since clocks differ
 * @param version of the program
 * @param revision the config in force; empty before there is one
 * @param auditHead the newest link of its audit chain, in hexadecimal, kept where it cannot change
 *     it
 * @param choices whom it would let stand in for each region that it holds for silent
 * @param taken the regions that it stands in for
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Lease(
    String region,
    String holder,
    String address,
    long generation,
    long beat,
    Instant at,
    String version,
    Optional<String> revision,
    Optional<String> auditHead,
    Map<String, Choice> choices,
    Map<String, Taken> taken) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  /** The holder of a region that may be taken at once. */
  static final String NOBODY = "";

  public Lease {
    choices = Map.copyOf(choices);
    taken = Map.copyOf(taken);
  }

  /**
   * Who should stand in for a silent region.
   *
   * @param generation the silent region's, so that a choice does not outlive its return
   */
  public record Choice(String successor, long generation) {}

  /**
   * That a region is stood in for.
   *
   * @param generation the silent region's
   */
  public record Taken(long generation, Instant at) {}

  Lease released() {
    return new Lease(
        region,
        NOBODY,
        address,
        generation,
        beat + 1,
        at,
        version,
        revision,
        auditHead,
        choices,
        taken);
  }

  /** As it is written. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A lease can always be written", e);
    }
  }

  /**
   * Reads what {@link #json} writes; of a newer program too.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static Lease parse(String json) {
    try {
      Lease lease = JSON.readValue(json, Lease.class);
      if (lease == null
          || lease.region() == null
          || lease.holder() == null
          || lease.address() == null
          || lease.at() == null) {
        throw new IllegalArgumentException("a lease has a region, a holder, an address and a time");
      }
      return lease;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a lease: " + e.getOriginalMessage(), e);
    } catch (NullPointerException e) {
      throw new IllegalArgumentException("not a lease: choices or taken is missing", e);
    }
  }
}
