declare global {
	namespace App {
		interface Error {
			message: string;
			/** What the server answered; 0 where it did not. */
			status?: number;
			/** The message is the server's own. */
			said?: boolean;
		}
		interface PageState {
			/** Whose row takes the focus on coming back to a list. */
			patientId?: string;
		}
	}
}

export {};
