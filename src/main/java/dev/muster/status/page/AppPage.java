package dev.muster.status.page;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The pages on which a GitHub App is created. */
sealed interface AppPage {
  /**
   * Asks what to create.
   *
   * @param site GitHub's, where it is created
   * @param unreachable whether GitHub cannot send webhooks to {@code publicUrl}
   * @param replaces whether there are credentials that the new ones take the place of
   * @param problem with what was sent before, null where there is none
   */
  record Form(
      URI site,
      URI publicUrl,
      boolean unreachable,
      boolean replaces,
      String name,
      String organization,
      @Nullable String problem)
      implements AppPage {}

  /**
   * Shows what will be sent to GitHub.
   *
   * @param action where the manifest goes
   */
  record Confirm(URI action, String manifest, String owner, String pretty) implements AppPage {}

  /**
   * Says what became of it.
   *
   * @param yaml what belongs in the config
   */
  record Created(long id, String slug, String yaml, String install) implements AppPage {}

  /** Says why it did not work. */
  record Failed(String message) implements AppPage {}
}
