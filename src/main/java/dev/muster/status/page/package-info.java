/**
 * The web status page: templates and assets from the jar, filled with the records of the API. Pages
 * are whole without a script; with one they change in place when the appliance does, which a page
 * learns from the event stream and then asks for itself anew. No request leaves the machine, and
 * the content security policy says so to the browser.
 */
@NullMarked
package dev.muster.status.page;

import org.jspecify.annotations.NullMarked;
