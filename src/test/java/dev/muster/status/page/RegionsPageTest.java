package dev.muster.status.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.status.api.RegionsView;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionsPageTest {
  private static final Instant AT = Instant.parse("2026-03-01T12:00:00Z");
  private static final String REVISION = "893a2e01142c73c79a74d0e645d26092b2c4d410";

  private static RegionsView view(boolean back) {
    return new RegionsView(
        "eu-west-1",
        List.of(
            region("eu-west-1", true, true, List.of("eu-central-1")),
            region("eu-central-1", false, back, List.of())),
        List.of(
            new RegionsView.ReplicationView("prod", "the table", 0, null, AT, 7, 0, null, null)),
        List.of(
            new RegionsView.TakeoverView(
                "prod", "eu-central-1", 1, AT, "<silent>", 0, back ? AT : null)),
        List.of(
            new RegionsView.RemoteJobView(
                7, "acme/api", "test", "running", "prod", "eu-central-1", AT, AT)));
  }

  private static RegionsView.RegionView region(
      String name, boolean own, boolean beats, List<String> standsInFor) {
    return new RegionsView.RegionView(
        "prod", name, own, beats, "https://" + name, 1, AT, "1", REVISION, standsInFor, 3);
  }

  private static String html(RegionsView view) {
    return new Templates().fill("regions", RegionsPage.of(view));
  }

  @Test
  void saysWhoIsSilentAndWhoStandsIn() {
    String html = html(view(false));
    assertThat(html)
        .contains("silent, its work taken over")
        .contains("stands in for eu-central-1")
        .contains("it lasts")
        .contains("&lt;silent&gt;")
        .contains("<code>893a2e0114</code>");
    assertThat(html)
        .as("nothing waits, and no job was taken")
        .contains(">0<")
        .doesNotContain("00<");
  }

  @Test
  void saysWhoIsBackAndHowOldWhatOthersToldIs() {
    String html = html(view(true));
    assertThat(html).doesNotContain("it lasts").doesNotContain("silent,");
    assertThat(html).contains("acme/api, 7").contains("running");
  }

  @Test
  void anApplianceOfItsOwnSaysSo() {
    String html = html(new RegionsView("local", List.of(), List.of(), List.of(), List.of()));
    assertThat(html).contains("keeps to itself").doesNotContain("<table");
  }
}
