package dev.muster.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.sandbox.SandboxJob;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The page of a running appliance in a real browser; the tests follow one appliance's day. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class StatusPageIT {
  private static final Path SHOTS = Path.of("target", "screenshots").toAbsolutePath();
  private static final List<String> OURS = List.of("muster=1/runner=here/pool=default");

  @TempDir static Path folder;
  private static RunningAppliance appliance;
  private static Browser browser;
  private static long good;

  @BeforeAll
  static void begin() throws Exception {
    assumeTrue(Browser.missing().isEmpty(), () -> Browser.missing().orElse(""));
    appliance = RunningAppliance.start(folder, true);
    browser = Browser.open();
  }

  @AfterAll
  static void end() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (appliance != null) {
      appliance.close();
    }
  }

  private static URI page(String path) {
    return appliance.admin().resolve(path);
  }

  @Test
  @Order(1)
  void showsAJobFromItsQueueToItsEndWithoutAReload() {
    browser.look(1440, 900, false);
    browser.open(page("/"));
    browser.await("#live-text", "live");
    browser.await(".force", "pools by office hours");
    browser.script("window.untouched = true");
    good = appliance.sandbox().queueJob("acme/shop", OURS, List.of("echo hello")).id();
    browser.await("#overview .jobs tbody", "success");
    assertThat(browser.script("return window.untouched")).isEqualTo(true);
    assertThat(browser.text("#banners")).contains("GitHub is a stand-in");
    browser.assertQuiet(appliance.admin());
  }

  @Test
  @Order(2)
  void explainsAJobAndShowsItsTimeline() {
    browser.open(page("/jobs/" + good));
    assertThat(browser.text("h1")).isEqualTo("job");
    assertThat(browser.text(".line")).contains("queued", "placed", "assigned", "completed");
    assertThat(browser.text(".why-box")).contains("GitHub concluded success");
    assertThat(browser.find(".line time").getDomAttribute("datetime")).endsWith("Z");
  }

  @Test
  @Order(2)
  void drawsWhereAJobsTimeWent() throws Exception {
    browser.open(page("/jobs/" + good));
    browser.await(".fall", "cleaning up");
    browser.awaitNone(".fall .tag.live");
    assertThat(browser.driver().findElements(By.cssSelector(".fall tbody th")))
        .extracting(WebElement::getText)
        .containsExactly(
            "queued",
            "waiting for a runner",
            "machine starting",
            "registering the runner",
            "runner starting",
            "steps running",
            "cleaning up");
    List<WebElement> bars = browser.driver().findElements(By.cssSelector(".fall rect:not(.track)"));
    assertThat(bars).hasSize(7).allMatch(bar -> bar.getRect().getWidth() > 0);
    WebElement track = browser.find(".fall rect.track");
    int right = track.getRect().getX() + track.getRect().getWidth();
    assertThat(bars).allMatch(bar -> bar.getRect().getX() + bar.getRect().getWidth() <= right + 1);
    String trace = browser.text(".facts a[rel=noreferrer]");
    assertThat(trace).matches("[0-9a-f]{32}");
    assertThat(browser.find(".facts a[rel=noreferrer]").getDomAttribute("href"))
        .isEqualTo("https://traces.example.com/trace/" + trace);
    assertThat(appliance.get("/api/v1/jobs/" + good).body())
        .contains("\"trace_id\":\"" + trace + "\"", "\"kind\":\"machine\"");
  }

  @Test
  @Order(3)
  void drawsTheNextDayOfAPool() {
    browser.open(page("/pools/office"));
    assertThat(browser.driver().findElements(By.cssSelector(".chart rect.ready")))
        .hasSizeGreaterThanOrEqualTo(4);
    assertThat(browser.find(".chart svg").getDomAttribute("aria-label"))
        .contains("early: 3 ready, 4 stopped");
    assertThat(browser.text(".lead")).contains("runner elsewhere");
  }

  @Test
  @Order(4)
  void reachesTheMainActionsByKeyboardInTheirOrder() {
    browser.open(page("/"));
    browser.await("#live-text", "live");
    assertThat(browser.tabStops(9))
        .containsExactly(
            "Skip to content",
            "Muster",
            "Overview",
            "Jobs",
            "Runners",
            "Cost",
            "Queue",
            "Config",
            "Audit");
  }

  @Test
  @Order(5)
  void pausesAndResumesWithATokenThatStaysInTheTab() throws Exception {
    browser.open(page("/"));
    browser.await("#live-text", "live");
    browser.find("button[data-act=pause]").sendKeys(Keys.ENTER);
    browser.find("#ask-token").sendKeys("wrong");
    browser.find("#ask-yes").click();
    browser.await("#ask-problem", "token");
    browser.find("#ask-token").clear();
    browser.find("#ask-token").sendKeys(appliance.adminToken());
    browser.find("#ask-yes").click();
    browser.await("#banners", "Paused everywhere");
    assertThat(browser.script("return localStorage.length + document.cookie.length")).isEqualTo(0L);
    SandboxJob held = appliance.sandbox().queueJob("acme/shop", OURS, List.of("echo late"));
    browser.await("#overview .jobs tbody", "queued");
    browser.shoot(SHOTS.resolve("paused.png"));
    browser.open(page("/jobs/" + held.id()));
    browser.await(".why-box", "paused by");
    browser.find("button[data-act=resume]").click();
    browser.find("#ask-yes").click();
    browser.await("#job-page .tag", "success");
    assertThat(browser.driver().findElements(By.cssSelector(".banner.paused"))).isEmpty();
  }

  @Test
  @Order(6)
  void putsWhatNeedsAttentionFirst() throws Exception {
    appliance
        .sandbox()
        .queueJob("acme/shop", List.of("muster=1/runner=nosuch"), List.of("echo never"));
    appliance.sandbox().queueJob("acme/web", OURS, List.of("echo broken", "exit 3"));
    appliance.sandbox().queueJob("acme/web", OURS, List.of("sleep 60"));
    appliance.push(
        "More runners for the release",
        "version: \"1\"\npolls:\n  - { name: default }\nrunners:\n  - { name: here, cpuu: 4 }\n");
    browser.look(1440, 900, false);
    browser.open(page("/"));
    browser.await("#attention", "rejected");
    browser.await("#attention", "muster.yml:2:1: error");
    browser.await("#attention", "nosuch");
    browser.await("#overview .jobs tbody", "failure");
    browser.await("#overview .jobs tbody", "running");
    browser.open(page("/config"));
    assertThat(browser.text(".problems")).contains("muster.yml:2:1", "cpuu");
  }

  @Test
  @Order(6)
  void createsAGitHubAppAndKeepsItsCredentials() throws Exception {
    browser.open(page("/github/app"));
    browser.find("#app-name").sendKeys("acme-muster");
    browser.find("#app-token").sendKeys("wrong");
    browser.shoot(SHOTS.resolve("github-app.png"));
    browser.find("main button").click();
    browser.await(".problem", "token");
    browser.find("#app-token").sendKeys(appliance.adminToken());
    browser.find("main button").click();
    browser.await(".command", "\"name\" : \"acme-muster\"");
    assertThat(browser.text(".command")).contains("workflow_job");
    browser.find("main button").click();
    browser.await("h1", "is created");
    assertThat(browser.text(".command")).contains("private_key: { secret: github-app-key }");
    browser.shoot(SHOTS.resolve("github-app-created.png"));
    browser.driver().navigate().refresh();
    assertThat(browser.text("h1")).isEqualTo("No App was taken over");
    assertThat(appliance.get("/api/v1/audit").body()).contains("github.app_created");
    assertThat(appliance.get("/github/app/created?code=x&state=forged").statusCode())
        .isEqualTo(400);
  }

  @Test
  @Order(7)
  void fitsPhonesAndDesktopsInLightAndDark() throws Exception {
    List<String> paths =
        List.of(
            "/",
            "/jobs",
            "/jobs/" + good,
            "/pools/office",
            "/pools/default",
            "/runners",
            "/queue",
            "/config",
            "/audit",
            "/jobs/1");
    for (boolean dark : List.of(false, true)) {
      for (int width : List.of(390, 1440)) {
        browser.look(width, width == 390 ? 844 : 900, dark);
        for (String path : paths) {
          browser.forgetLogs();
          browser.open(page(path));
          if (!path.equals("/jobs/1")) { // which is not there, as the browser complains
            browser.await("#live-text", "live");
            browser.assertQuiet(appliance.admin());
          }
          assertThat(browser.script("return document.documentElement.scrollWidth <= innerWidth"))
              .as("%s fits %d pixels", path, width)
              .isEqualTo(true);
          String name = path.equals("/") ? "overview" : path.substring(1).replace('/', '-');
          browser.shoot(SHOTS.resolve(name + "-" + width + (dark ? "-dark" : "-light") + ".png"));
        }
      }
    }
  }

  @Test
  @Order(8)
  void comesBackWhenTheApplianceDoesAndSaysWhatToDoFirst() throws Exception {
    try (RunningAppliance fresh = RunningAppliance.start(folder.resolve("fresh"), false)) {
      browser.look(1440, 900, false);
      browser.open(fresh.admin().resolve("/"));
      assertThat(browser.text("#overview")).contains("Push a config to begin", "git clone");
      browser.shoot(SHOTS.resolve("empty-1440-light.png"));
      browser.look(390, 844, true);
      browser.shoot(SHOTS.resolve("empty-390-dark.png"));
    }
    browser.await("#live-text", "reconnecting");
  }
}
