package dev.muster.status.api;

import java.util.List;

/** The environments of the config, and those that spent something this month, by name. */
public record EnvironmentList(List<EnvironmentView> environments) {
  public EnvironmentList {
    environments = List.copyOf(environments);
  }
}
