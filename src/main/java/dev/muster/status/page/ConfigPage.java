package dev.muster.status.page;

import dev.muster.status.api.ConfigView;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The config in force, what was refused, and what came before.
 *
 * @param pushUrl where a config is pushed to; null where it comes from elsewhere
 */
record ConfigPage(ConfigView config, @Nullable URI pushUrl) {
  boolean anyRevision() {
    return !config.revisions().isEmpty();
  }
}
