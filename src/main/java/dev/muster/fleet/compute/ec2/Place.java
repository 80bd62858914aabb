package dev.muster.fleet.compute.ec2;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.muster.fleet.compute.Offer;

/**
 * Where a machine of a launch may be made: one override of its fleet.
 *
 * @param zone of the subnet; the subnet again where EC2 did not say
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Place(String type, String subnet, String zone) {
  Offer offer(boolean spot) {
    return new Offer(type, zone, spot);
  }
}
