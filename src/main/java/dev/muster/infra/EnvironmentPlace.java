package dev.muster.infra;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An environment in one of its regions.
 *
 * @param regions all that it has
 * @param home the one where it has what exists once
 */
record EnvironmentPlace(
    EnvironmentSpec environment, List<String> regions, String home, String region) {
  EnvironmentPlace {
    regions = List.copyOf(regions);
  }

  static EnvironmentPlace of(FleetSpec fleet, EnvironmentSpec environment, String region) {
    return new EnvironmentPlace(
        environment,
        InfraNames.regions(fleet, environment),
        InfraNames.home(fleet, environment),
        region);
  }

  boolean atHome() {
    return region.equals(home);
  }

  /** What bears the environment's name, and its own tags, in a template. */
  List<Map<String, Object>> tags() {
    Map<String, String> tags = new LinkedHashMap<>(environment.tags());
    tags.put("Environment", environment.name());
    tags.put("muster:environment", environment.name());
    return Cfn.tags(tags);
  }

  /** The names of its cache buckets, one for each region. */
  List<String> buckets() {
    return regions.stream()
        .flatMap(in -> InfraNames.bucket(environment, home, in).stream())
        .toList();
  }

  /** Its regions without this one. */
  List<String> others() {
    return regions.stream().filter(in -> !in.equals(region)).toList();
  }
}
