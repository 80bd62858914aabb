package dev.muster.fleet.compute.ec2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;

/**
 * What exactly a launch asks of EC2. Chosen once and stored before it is asked: the config, the
 * catalogue and the images may have changed when it is asked again, and EC2 refuses a client token
 * that comes back with other words.
 *
 * @param role the role of the account, empty for the appliance's own
 * @param machine what its launch template holds
 * @param spot where spot capacity is asked for first, in order of preference; empty for nowhere
 * @param onDemand where on-demand capacity is asked for, alone or for what spot did not give; empty
 *     for nowhere
 * @param tags on each machine
 */
record FleetChoice(
    String role,
    MachineTemplate machine,
    List<Place> spot,
    List<Place> onDemand,
    Map<String, String> tags) {
  private static final ObjectMapper JSON = new ObjectMapper();

  FleetChoice {
    spot = List.copyOf(spot);
    onDemand = List.copyOf(onDemand);
    tags = Map.copyOf(tags);
  }

  /** The form in which it is stored. */
  String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A choice can always be written", e);
    }
  }

  static FleetChoice parse(String json) {
    try {
      return JSON.readValue(json, FleetChoice.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("What a launch asked of EC2 is damaged in the database", e);
    }
  }
}
