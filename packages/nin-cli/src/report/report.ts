import { pageHtml } from "./page.ts";
import { type ReportData, titleOf } from "./report-data.ts";
import { classMapsSection } from "./sections/class-maps.ts";
import { classesSection } from "./sections/classes.ts";
import { confusionSection } from "./sections/confusion.ts";
import { correctSection } from "./sections/correct.ts";
import { curvesSection } from "./sections/curves.ts";
import { detailsSection } from "./sections/details.ts";
import { mistakesSection } from "./sections/mistakes.ts";
import { overview } from "./sections/overview.ts";
import { speedSection } from "./sections/speed.ts";

/**
 * Draws a run as one page that needs nothing but itself: no script, no network, no font of its own.
 *
 * @returns an HTML document
 */
export async function reportHtml(data: ReportData): Promise<string> {
  const title = titleOf(data);
  const { results } = data;
  const sections = [
    await curvesSection(data),
    ...(results === undefined
      ? []
      : [
          confusionSection(results),
          classesSection(results),
          // A network without class maps has none that could be dead.
          ...(results.whyNoMaps === undefined ? [classMapsSection(data, results)] : []),
          mistakesSection(results),
          correctSection(results),
        ]),
    speedSection(data),
    detailsSection(data),
  ];
  return pageHtml({ title: `${title}: ${data.run}`, header: overview(data, title), sections });
}
