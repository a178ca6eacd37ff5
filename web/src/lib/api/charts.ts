/** What is read of one patient's chart. */
import { answer, api } from './client';
import type { ChartOut, EntryOutPage, Kind, VitalSignOut } from './schema';

/** The chart at a glance, as far as the reader's role goes. */
export function readChart(patientId: string): Promise<ChartOut> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/chart', { params: { path: { patient_id: patientId } } })
	);
}

/** A page of all that happened to a patient, newest first. */
export function readTimeline(
	patientId: string,
	query: { kind?: Kind; cursor?: string; limit?: number; include?: 'voided' } = {}
): Promise<EntryOutPage> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/timeline', {
			params: { path: { patient_id: patientId }, query: { limit: 30, ...query } }
		})
	);
}

/** The newest sets of observations, newest first: what a trend is drawn from. */
export async function readRecentVitals(patientId: string, limit = 8): Promise<VitalSignOut[]> {
	const page = await answer(
		api.GET('/api/v1/patients/{patient_id}/vitals', {
			params: { path: { patient_id: patientId }, query: { limit } }
		})
	);
	return page.items;
}
