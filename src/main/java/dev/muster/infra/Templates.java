package dev.muster.infra;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The templates of a config. */
public final class Templates {
  private Templates() {}

  /**
   * All of them: what each region's appliances share, then each environment with its regions. Empty
   * where the config has no region of AWS.
   */
  public static List<Template> of(FleetSpec fleet) {
    List<Template> templates = new ArrayList<>();
    InfraNames.regions(fleet).forEach(region -> templates.add(RegionStack.of(region)));
    for (EnvironmentSpec environment : new TreeMap<>(fleet.environments()).values()) {
      for (String region : InfraNames.regions(fleet, environment)) {
        Optional<Template> template = EnvironmentStack.of(fleet, environment, region);
        template.ifPresent(templates::add);
      }
    }
    return templates;
  }
}
